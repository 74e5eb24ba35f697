// The parts of the page that need no browser, and what it weighs.
import './ladder.cases';
import './complete.cases';
import './pure.cases';
import './size.cases';

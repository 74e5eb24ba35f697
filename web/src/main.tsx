import { render } from 'preact';
import { App } from './app';
import { listenToKeys } from './parts/keys';
import { listen } from './route';
import { begin } from './state';
import './style.css';

const page = document.getElementById('page');
if (page) render(<App />, page);
listen();
listenToKeys();
begin();

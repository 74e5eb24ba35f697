const test = require("node:test");
const { promises } = require("./promises");

promises(test);

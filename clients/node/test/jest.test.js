const { promises } = require("./promises");

promises(test);

// What the drivers of clients from npm share; the contract of a driver stands in mail_client.py.
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { parseArgs } = require("node:util");

// A client under test that has not come to an end after this many milliseconds never will.
const TIME_LIMIT = 60_000;
exports.CLIENT_TIME_OUT = Number(process.env.MALAPOSTA_CLIENT_TIME_OUT ?? "40") * 1000;

exports.report = (outcome, code, told) => {
  process.stdout.write(JSON.stringify({ outcome, code: code ?? null, told }) + "\n", () => process.exit());
};

// The outcome that a reply code stands for (RFC 5321, section 4.2.1); undefined where there is none.
exports.ofCode = (code) => ({ 4: "temporary", 5: "permanent" })[Math.floor((code ?? 0) / 100)];

// The command line, and the text of the message that it asks for.
exports.wanted = () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { "body-size": { type: "string", default: "200" } },
  });
  const [host, port, from, to] = positionals;
  const line = "This line is one of many which together have the wanted size.\n";
  return { host, port: Number(port), from, to, text: line.repeat(Number(values["body-size"]) / line.length + 1) };
};

// A package, by its main file, from MALAPOSTA_NODE_MODULES, where the build installs it.
exports.load = async (main) => {
  const folder = process.env.MALAPOSTA_NODE_MODULES ?? path.join(__dirname, "../npm/node_modules");
  try {
    const module = await import(pathToFileURL(path.resolve(folder, main)));
    setTimeout(() => exports.report("timeout", null, "still waiting"), TIME_LIMIT);
    return module;
  } catch (error) {
    process.stderr.write(`${main} is not installed in ${folder}; \`npm ci\` in client_tests/clients/npm installs it\n`);
    process.exit(3);
  }
};

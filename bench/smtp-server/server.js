// Takes all mail and drops it: node server.js PORT
const { SMTPServer } = require("smtp-server");

const server = new SMTPServer({
  disabledCommands: ["AUTH"],
  disableReverseLookup: true,
  logger: false,
  onData(stream, session, done) {
    stream.on("data", () => {});
    stream.on("end", done);
  },
});
server.on("error", () => {});
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 });
process.on("SIGTERM", () => process.exit(0));

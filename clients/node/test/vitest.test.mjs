import { test } from "vitest";
import { Malaposta } from "../malaposta.js";
import { promises } from "./promises.js";

promises(test);

test("names can be imported", async () => {
  const server = await Malaposta.start();
  await server.stop();
});

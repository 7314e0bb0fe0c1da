// Whatever the host or the network does, a person reads one sentence.
import { expect, it } from "vitest";
import { describeError, readError } from "./errors";

it("takes the sentence of OpenAI's error shape", async () => {
  const body = JSON.stringify({ error: { message: "Unknown model 'x'; there is 'parley-mini'.", type: "invalid_request_error", code: "model_not_found" } });
  const error = await readError(new Response(body, { status: 404 }));
  expect(error).toMatchObject({ status: 404, code: "model_not_found" });
  expect(describeError(error)).toBe("Unknown model 'x'; there is 'parley-mini'.");
});

it.each(["", "<html>Bad gateway</html>", "null", '{"error":"x"}', '{"error":{"message":""}}'])("names the status where the body is %j", async (body) => {
  expect(describeError(await readError(new Response(body, { status: 502 })))).toBe("The server answered with status 502.");
});

it("says that the host is away when nothing answers", () => {
  expect(describeError(new TypeError("Failed to fetch"))).toMatch(/cannot be reached/);
});

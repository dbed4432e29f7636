// Drives a running server with a TypeScript client: node foreign_client.mjs PACKAGE URL KEY VERSION. One line for each step that passed.
// Leaves with 3 where the client itself speaks another version than the one it was told to.
import assert from "node:assert/strict";

const [, , kind, url, key, version] = process.argv;
const modern = kind === "@modelcontextprotocol/client";
const { Client } = await import(modern ? kind : `${kind}/client/index.js`);
const { StreamableHTTPClientTransport } = await import(modern ? kind : `${kind}/client/streamableHttp.js`);

const spoken = version === "2026-07-28" ? { versionNegotiation: { mode: { pin: version } } } : { supportedProtocolVersions: [version] };
const client = new Client({ name: "check", version: "1" }, spoken);
const transport = new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { "X-API-Key": key } } });

async function call(name, args, options) {
  const asked = { name, arguments: args };
  return modern ? client.callTool(asked, options) : client.callTool(asked, undefined, options);
}

const steps = {
  async connect() {
    await client.connect(transport);
    const agreed = modern ? client.getNegotiatedProtocolVersion() : transport.protocolVersion;
    if (agreed !== version) {
      console.log(`it speaks ${agreed}`);
      process.exit(3);
    }
  },
  async tools() {
    const names = (await client.listTools()).tools.map((tool) => tool.name).sort();
    assert.deepEqual(names, ["extract_clause", "read_contract", "search_documents_by_metadata"]);
  },
  async search() {
    const told = [];
    const answer = await call("search_documents_by_metadata", { party: "acme" }, { onprogress: (it) => told.push(it) });
    assert.match(answer.content[0].text, /nda-acme/);
    assert.equal(told[0]?.message, "at work");
  },
  async clause() {
    const answer = await call("extract_clause", { clause: "governing law", document_id: "nda-acme" });
    assert.match(answer.content[0].text, /laws of the State of New York/);
  },
  async "argument error"() {
    const answer = await call("search_documents_by_metadata", { limit: 900 });
    assert.equal(answer.isError, true);
    assert.match(answer.content[0].text, /limit: got 900; give a whole number from 1 to 50/);
  },
  async resource() {
    const { resources } = await client.listResources();
    assert.ok(resources.some((it) => it.uri === "contract://nda-acme"));
    const { contents } = await client.readResource({ uri: "contract://nda-acme" });
    assert.equal(JSON.parse(contents[0].text).document_id, "nda-acme");
  },
  async prompt() {
    const { prompts } = await client.listPrompts();
    assert.ok(prompts.some((it) => it.name === "nda_check"));
    const { messages } = await client.getPrompt({ name: "nda_check", arguments: { client: "Acme Robotics" } });
    assert.match(messages[0].content.text, /Acme Robotics/);
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step();
  console.log(name);
}
await client.close();

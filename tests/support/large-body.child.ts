/** Sends bodies of 17 MiB to argv[2] and prints, for each kind, how often the answer was heard: a client in a process of its own. */
const url = process.argv[2] ?? '';
const TIMES = 10;
const body = Buffer.alloc(17 << 20, 32);

const kinds: Readonly<Record<string, () => Promise<Response>>> = {
  'with its length': () => send('/api/v1/services', 'application/json', body),
  'in chunks': () => send('/api/v1/services', 'application/json', new Blob([body]).stream()),
  'of another type': () => send('/api/v1/services', 'text/plain', body),
  'to nowhere': () => send('/nowhere', 'application/json', body),
};

function send(path: string, type: string, bytes: RequestInit['body']): Promise<Response> {
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': type }, body: bytes ?? null, duplex: 'half' } as RequestInit);
}

const heard: Record<string, string[]> = {};
for (const [kind, ask] of Object.entries(kinds)) {
  const codes: string[] = [];
  for (let i = 0; i < TIMES; i++) {
    codes.push(
      await ask().then(
        async (answer) => ((await answer.json()) as { code: string }).code,
        (thrown: Error) => String(thrown.cause ?? thrown),
      ),
    );
  }
  heard[kind] = [...new Set(codes)];
}
console.log(JSON.stringify(heard));

import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/** Listens on a free loopback port and says which on stdout, in the words that the bridge uses. */
export function announce(server: Server): void {
  server.keepAliveTimeout = 75_000;
  server.listen(0, "127.0.0.1", () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`listening on http://127.0.0.1:${port}\n`);
  });
}

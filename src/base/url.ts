/** The URL that a text is, if it is one. `URL.parse` does this from Node 22 on; the command line runs on 20 too. */
export function tryUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

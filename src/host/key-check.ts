/** What was pasted as an API key: one that can be sent, or the reason why not. Neither text quotes the key. */
export type KeyCheck =
  | { kind: "usable"; key: string; /** Worth telling, not worth refusing. */ note?: string }
  | { kind: "refused"; problem: string };

/** Far above any key seen (JSON web tokens have about 2,000 characters), far below the limit of a header. */
const MAX_KEY_LENGTH = 8192;

const BEARER = /^bearer\s+/i;
const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i;
/** What undici refuses in a header or a server may misread: controls, blanks, anything beyond Latin-1. */
const UNSENDABLE = /[^\x21-\x7e\xa1-\xff]/;

/** Trims the text, takes an accidental `Bearer ` off its front and refuses what cannot be a key. */
export function checkKey(pasted: string): KeyCheck {
  const trimmed = pasted.trim();
  const key = trimmed.replace(BEARER, "");
  const problem = findProblem(key);
  if (problem !== undefined) return { kind: "refused", problem };
  if (key === trimmed) return { kind: "usable", key };
  return { kind: "usable", key, note: 'The word "Bearer" in front is left out.' };
}

function findProblem(key: string): string | undefined {
  if (key === "" || /^bearer$/i.test(key)) return "The key is empty.";
  if (URL_LIKE.test(key)) return "This is a URL. Paste the API key itself.";
  if (MAX_KEY_LENGTH < key.length) return `The key is longer than ${MAX_KEY_LENGTH} characters.`;
  const at = key.search(UNSENDABLE);
  if (at < 0) return undefined;
  return /\s/.test(key.charAt(at))
    ? `The key has a blank or a line break inside, at character ${at + 1}.`
    : `Character ${at + 1} of the key cannot be sent in a header. Copy the key again.`;
}

import { createStopFilter, type StopFilter } from "./stop-strings.ts";

/**
 * Ends at the line that closes a code fence; what was in it comes out. The line break behind the opening line
 * has been taken away by then, and the closing one may follow at once.
 */
export function createFenceFilter(): StopFilter {
  const filter = createStopFilter(["\n```"]);
  let isOpened = false;
  let isTrimmed = false;

  function withoutOpening(text: string): string {
    if (isTrimmed || text === "") return text;
    isTrimmed = true;
    return text.slice(1);
  }

  return {
    push(text) {
      if (text === "") return "";
      const first = isOpened ? "" : "\n";
      isOpened = true;
      return withoutOpening(filter.push(first + text));
    },
    end: () => withoutOpening(filter.end()),
    get isStopped() {
      return filter.isStopped;
    },
  };
}

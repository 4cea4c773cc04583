import path from "node:path";
import { chromium } from "playwright-core";
import type { BrowserContext, Page } from "playwright-core";
import { findBrowser } from "./host-files.ts";
import type { Profile } from "./profile.ts";

export interface BrowserWindow {
  page: Page;
  context: BrowserContext;
  close: () => Promise<void>;
}

/** A headless Chromium window that reaches this machine only. */
export async function openBrowserWindow(profile: Profile): Promise<BrowserWindow> {
  const executablePath = findBrowser();
  if (executablePath === undefined) throw new Error("no Chromium: run the set-up first");
  const browser = await chromium.launch({
    executablePath,
    env: { ...process.env, HOME: profile.home, XDG_CONFIG_HOME: path.join(profile.home, "config") },
    args: [
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
    // Who opens the window closes it, on signals too.
    ...{ handleSIGHUP: false, handleSIGINT: false, handleSIGTERM: false },
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.route(
    ({ hostname }) => hostname !== "127.0.0.1" && !hostname.endsWith("localhost"),
    (route) => route.abort(),
  );
  const page = await context.newPage();
  return {
    page,
    context,
    close: async () => {
      // The page first: closed together with the browser, its extension host would wait for it to come back.
      await page.close();
      await browser.close();
    },
  };
}

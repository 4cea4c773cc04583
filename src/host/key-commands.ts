import type { ApiKeys } from "./api-keys.ts";
import { askForBaseUrl, askForKey, pickProvider } from "./key-prompts.ts";
import type { Provider } from "./key-prompts.ts";
import { offer } from "./notices.ts";
import type { Notice } from "./notices.ts";
import type { SettingsSource } from "./settings-source.ts";
import type { Settings } from "../service/settings.ts";
import { parseBaseUrl, providerIdFor, providerUrl } from "../upstream/base-url.ts";

export interface KeyCommandDeps {
  apiKeys: ApiKeys;
  settings: SettingsSource;
}

/** Asks for a provider's key and keeps it; with no provider yet, asks for that first. Undefined if the user turned back. */
export async function setApiKey(deps: KeyCommandDeps): Promise<Notice | undefined> {
  const settings = (await deps.settings.reader())();
  const [first, ...others] = configuredProviders(settings);
  if (first === undefined) return addProvider(deps, settings);
  const provider = others.length === 0 ? first : await pickForKey(deps.apiKeys, [first, ...others]);
  const key = provider && (await askForKey(provider));
  if (!key) return undefined;
  await deps.apiKeys.set(provider, key);
  return saved(provider.id);
}

/** Forgets one key, chosen among all that are stored. Undefined if the user turned back. */
export async function removeApiKey({
  apiKeys,
  settings,
}: KeyCommandDeps): Promise<Notice | undefined> {
  const configured = (await settings.reader())().providers.map(({ id }) => id);
  const ids = [...new Set([...configured, ...(await apiKeys.storedIds())])];
  const origins = await Promise.all(ids.map((id) => apiKeys.enteredFor(id)));
  const choices = ids.flatMap((id, index) => {
    const origin = origins[index];
    return origin === undefined ? [] : [{ provider: { id }, description: `entered for ${origin}` }];
  });
  if (choices.length === 0) return inform("No API key is stored.");
  const provider = await pickProvider("Remove the API key of", choices);
  if (provider === undefined) return undefined;
  await apiKeys.remove(provider.id);
  return inform(`The API key of ${provider.id} is removed.`);
}

function configuredProviders({ providers, allowInsecureHttp }: Settings): Provider[] {
  return providers.map((provider) => ({
    id: provider.id,
    ...parseBaseUrl(providerUrl(provider), { allowInsecureHttp, preset: provider.preset }),
  }));
}

/** The key goes first: writing the setting restarts the bridge, which then finds it. */
async function addProvider(
  { apiKeys, settings }: KeyCommandDeps,
  { allowInsecureHttp }: Settings,
): Promise<Notice | undefined> {
  const address = await askForBaseUrl({ allowInsecureHttp });
  if (address === undefined) return undefined;
  const provider = { ...address, id: providerIdFor(address.origin) };
  const key = await askForKey(provider);
  if (key === undefined) return undefined;
  if (key !== "") await apiKeys.set(provider, key);
  await settings.addProvider({ id: provider.id, baseUrl: address.url + address.query });
  return saved(provider.id);
}

async function pickForKey(apiKeys: ApiKeys, providers: Provider[]): Promise<Provider | undefined> {
  const choices = await Promise.all(
    providers.map(async (provider) => {
      const enteredFor = await apiKeys.enteredFor(provider.id);
      return { provider, description: provider.origin, detail: keyDetail(provider, enteredFor) };
    }),
  );
  return pickProvider("Set the API key of", choices);
}

function keyDetail({ origin }: Provider, enteredFor: string | undefined): string {
  if (enteredFor === undefined) return "No key";
  if (enteredFor === origin) return "Key set";
  return `The stored key was entered for ${enteredFor} and is not sent to ${origin}`;
}

function saved(id: string): Notice {
  return {
    ...inform(`The provider "${id}" is set up.`),
    actions: [offer("llamaBridge.testConnection")],
  };
}

function inform(message: string): Notice {
  return { severity: "information", message, actions: [] };
}

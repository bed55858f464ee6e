/**
 * The Azure SDKs behind triggers and bindings: optional, taken from the app's node_modules or from beside this package, and
 * loaded when the first function needs one. Only the members used here are declared.
 */
import { createRequire } from 'node:module';
import path from 'node:path';

/** Loads a package. Throws, naming the package to install and the function that needs it. */
export function loadSdk<T>(name: string, appFolder: string, neededBy: string): T {
  for (const from of [path.join(appFolder, 'package.json'), __filename]) {
    const load = createRequire(from);
    try {
      load.resolve(name);
    } catch {
      continue;
    }
    return load(name) as T;
  }
  throw new Error(
    `${neededBy} needs the package ${name}, which is in neither the app's node_modules nor this host's. ` +
      `Install it in the app: npm install --save-dev ${name}`,
  );
}

export interface TokenCredential {
  getToken(scopes: string | string[], options?: unknown): Promise<unknown>;
}

export interface IdentitySdk {
  DefaultAzureCredential: new (options?: object) => TokenCredential;
  ManagedIdentityCredential: new (options?: object) => TokenCredential;
  ClientSecretCredential: new (tenantId: string, clientId: string, secret: string) => TokenCredential;
}

/**
 * What a thread forgets between two hosts (hostThread.ts): the app, and the libraries that register functions with the
 * host, which are loaded anew. All other libraries stay loaded, with whatever state they keep.
 */
import path from 'node:path';

const OWN = path.resolve(__dirname, '..') + path.sep;
const LIBRARY = /[\\/]node_modules[\\/]/;
const REGISTERS = /[\\/]node_modules[\\/](@azure[\\/]functions|durable-functions)[\\/]/;

export function forgetApp(): void {
  const kept: NodeModule[] = [];
  for (const file of Object.keys(require.cache)) {
    const stays = file.startsWith(OWN) || (LIBRARY.test(file) && !REGISTERS.test(file));
    if (stays) kept.push(require.cache[file]!);
    else delete require.cache[file];
  }
  // Whoever required a module first holds it, and all that it holds.
  for (const module of kept)
    module.children = module.children.filter((child) => require.cache[child.filename] === child);
}

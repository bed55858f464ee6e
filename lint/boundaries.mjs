/**
 * Who may import whom (README, "Layout"). One local rule instead of a plugin: a file's imports are resolved to folders of
 * this project and held against what its own folder may reach. `import type` (and imports of nothing but types) may
 * reach further, since it leaves no trace at run time. Which folder may do what: the table in eslint.config.mjs.
 */
import path from 'node:path';

/**
 * Options: `{ may, types?, libraries?, notLibraries?, typeLibraries?, computed? }`. `may` and `types`: folders (`domain`) or files without ending
 * (`activities/people`) of this project. `libraries`: absent, any; else package names, each with `{ only: [names] }`
 * or `{ not: pattern }` or `{}` for what may be taken from it. `notLibraries`: refused, but for
 * types of `typeLibraries`. `computed`: paths known only to the run are allowed.
 */
export const boundaries = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object' }],
    messages: {
      ours: '{{from}} may not import {{to}}; it may import {{may}}{{types}}.',
      library: '{{from}} may not import the library {{to}}; it may import {{may}}.',
      name: '{{from}} may not take {{name}} from {{to}}.',
      computed: '{{from}} may not import what only the run knows.',
    },
  },
  create(context) {
    const file = path.relative(context.cwd, context.filename).split(path.sep).join('/');
    const check = (node, source, isType, names) => {
      const problem = problemOf(file, source, isType, names, context.options[0]);
      if (problem) context.report({ node, ...problem });
    };
    const ofDeclaration = (node) => {
      if (node.source) check(node, node.source.value, isTypeOnly(node), namesOf(node));
    };
    const ofExpression = (node, argument) => {
      if (argument?.type === 'Literal') check(node, String(argument.value), false, ['*']);
      else if (!context.options[0].computed)
        context.report({ node, messageId: 'computed', data: { from: folderOf(file) } });
    };
    return {
      ImportDeclaration: ofDeclaration,
      ExportNamedDeclaration: ofDeclaration,
      ExportAllDeclaration: ofDeclaration,
      TSImportType: (node) => check(node, node.source.value, true, []),
      TSExternalModuleReference: (node) => check(node, node.expression.value, false, ['*']),
      ImportExpression: (node) => ofExpression(node, node.source),
      'CallExpression[callee.name="require"]': (node) => ofExpression(node, node.arguments[0]),
    };
  },
};

function problemOf(file, source, isType, names, options) {
  const { may, types = [], libraries, notLibraries = [], typeLibraries = [] } = options;
  const from = folderOf(file);
  if (!source.startsWith('.')) {
    const to = libraryOf(source);
    if (notLibraries.includes(to) && !(isType && typeLibraries.includes(to)))
      return { messageId: 'library', data: { from, to, may: 'any other' } };
    return libraries ? libraryProblem(from, to, names, libraries) : null;
  }
  const to = path.posix.join(path.posix.dirname(file), source).replace(/\.[jt]s$/, '');
  const reach = isType ? [...may, ...types] : may;
  if (reach.some((allowed) => to === allowed || to.startsWith(`${allowed}/`))) return null;
  const data = { from, to, may: may.join(', '), types: types.length > 0 ? `, and types of ${types.join(', ')}` : '' };
  return { messageId: 'ours', data };
}

function libraryOf(source) {
  return source.startsWith('node:') ? source : source.split('/', source.startsWith('@') ? 2 : 1).join('/');
}

function libraryProblem(from, to, names, libraries) {
  const terms = libraries[to];
  if (!terms) return { messageId: 'library', data: { from, to, may: Object.keys(libraries).join(', ') || 'none' } };
  const isRefused = (name) =>
    (terms.only && !terms.only.includes(name)) || (terms.not && (name === '*' || terms.not.test(name)));
  const name = names.find(isRefused);
  return name === undefined ? null : { messageId: 'name', data: { from, to, name } };
}

/** The folder at the top, or the file itself where it lies at the root. */
function folderOf(file) {
  return file.includes('/') ? `${file.split('/')[0]}/` : file;
}

function isTypeOnly(node) {
  if (node.importKind === 'type' || node.exportKind === 'type') return true;
  const specifiers = node.specifiers ?? [];
  return specifiers.length > 0 && specifiers.every((s) => s.importKind === 'type' || s.exportKind === 'type');
}

/** Names taken from a module; `*` where all of it is taken. */
function namesOf(node) {
  if (!node.specifiers) return ['*'];
  return node.specifiers.map((specifier) => {
    const taken = specifier.imported ?? (specifier.type === 'ExportSpecifier' ? specifier.local : null);
    return taken ? (taken.name ?? taken.value) : '*';
  });
}

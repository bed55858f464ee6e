/**
 * Lints snippets with the project's own configuration, in a process of its own (jest's module system cannot load an ES
 * module configuration). In: JSON `[{ file, code }]` on stdin, `file` relative to the project. Out: JSON, for each
 * snippet the rules that fired, with their messages.
 */
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';

const snippets = JSON.parse(await text(process.stdin));
const eslint = new ESLint({ overrideConfig: { rules: { '@typescript-eslint/no-unused-vars': 'off' } } });
const results = [];
for (const { file, code } of snippets) {
  const [result] = await eslint.lintText(code, { filePath: file });
  results.push((result?.messages ?? []).map(({ ruleId, message }) => ({ rule: ruleId ?? 'parser', message })));
}
process.stdout.write(JSON.stringify(results));

// Placeholder until the rules below land in the same session: see docs/adr.
import tseslint from 'typescript-eslint';
export default tseslint.config({ ignores: ['dist/', 'out/'] }, ...tseslint.configs.recommended);

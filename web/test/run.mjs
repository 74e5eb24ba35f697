// run.mjs BUILD NAME…: checks the types, bundles test/NAME.test.ts (or test/NAME.ts) and runs it with Node's own test runner. BUILD is where the page was
// built: it has the packages and dist/.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const source = dirname(dirname(fileURLToPath(import.meta.url)));
const [build, ...names] = process.argv.slice(2).map((one, index) => (index === 0 ? resolve(one) : one));
// Each run has a copy of its own: others may run beside it.
const work = join(build, `tests-${names.join('-')}`);
rmSync(work, { recursive: true, force: true });
for (const one of ['src', 'test', 'tsconfig.json', 'vite.config.ts']) cpSync(join(source, one), join(work, one), { recursive: true });

const run = (command, ...args) => {
  const { status, error } = spawnSync(command, args, { cwd: work, stdio: 'inherit', env: { ...process.env, MALAPOSTA_WEB_BUILD: build, MALAPOSTA_SOURCE: dirname(source) } });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(1);
};

const require = createRequire(join(build, 'package.json'));
run(process.execPath, require.resolve('typescript/bin/tsc'), '--noEmit');
const { buildSync } = require('esbuild');
const bundles = names.map((name) => {
  const outfile = join(work, `${name}.mjs`);
  const test = join(work, 'test', `${name}.test.ts`);
  buildSync({
    entryPoints: [existsSync(test) ? test : join(work, 'test', `${name}.ts`)], outfile, bundle: true, platform: 'node', format: 'esm', target: 'node18', packages: 'external',
    jsx: 'automatic', jsxImportSource: 'preact', logLevel: 'warning', sourcemap: 'inline',
  });
  return outfile;
});
run(process.execPath, '--enable-source-maps', '--test', ...bundles);

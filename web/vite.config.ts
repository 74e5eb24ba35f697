import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

// Beside each file its bytes as browsers take them; the server sends these as they are.
function compressed(): Plugin {
  return {
    name: 'compressed',
    // Once everything has its last form.
    writeBundle({ dir = '.' }, bundle) {
      for (const name of Object.keys(bundle)) writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
    },
  };
}

export default defineConfig({
  plugins: [compressed()],
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, reportCompressedSize: false },
  // `npx vite` serves the page while it is written, beside a server that runs already.
  server: { proxy: { '^/(api|view)/': { target: 'http://localhost:8025', changeOrigin: false } } },
});

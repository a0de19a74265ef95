/**
 * Bundles the command line for a release into `dist/`: one small entry and a chunk for each part that is loaded when it
 * is used. `npm run build`; the published package carries these files and not the sources, since Node refuses to strip
 * types below node_modules.
 */
import { chmod, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))

await rm(`${root}/dist`, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  // A script of a proxy runs on a thread of its own, which is a file of its own.
  entryPoints: { postern: 'src/cli/main.ts', pacWorker: 'src/net/pacWorker.ts' },
  // Comes with a file beside it that it looks for beside itself.
  external: ['quickjs-wasi'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22.19',
  minify: true,
  legalComments: 'linked',
  // Libraries written for CommonJS ask for `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await chmod(`${root}/dist/postern.js`, 0o755)

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
  entryPoints: { postern: 'src/cli/main.ts' },
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

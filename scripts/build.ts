/**
 * Bundles the command line for a release into `dist/`, and what other programs import: one small entry and a chunk for each part that is loaded when it
 * is used. `npm run build`; the published package carries these files and not the sources, since Node refuses to strip
 * types below node_modules.
 */
import { execFile } from 'node:child_process'
import { chmod, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Where it is built, `dist` unless another folder is named. */
const out = resolve(root, process.argv[2] ?? 'dist')

await rm(out, { recursive: true, force: true })
await build({
  absWorkingDir: root,
  // A script of a proxy runs on a thread of its own, which is a file of its own.
  entryPoints: { postern: 'src/cli/main.ts', pacWorker: 'src/net/pacWorker.ts', identity: 'src/identity/index.ts' },
  // Comes with a file beside it that it looks for beside itself.
  external: ['quickjs-wasi'],
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // What is imported when it is needed is there by its names: of a CommonJS file a bundle has `default` alone.
  mainFields: ['module', 'main'],
  target: 'node22.19',
  minify: true,
  legalComments: 'linked',
  // Libraries written for CommonJS ask for `require`, which an ES module does not have.
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await chmod(join(out, 'postern.js'), 0o755)
// What other programs import has its types beside it.
await promisify(execFile)(process.execPath, [
  join(root, 'node_modules/typescript/bin/tsc'),
  ...['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--outDir', join(out, 'types')],
  ...['--rootDir', join(root, 'src'), '--ignoreConfig', '--strict', '--skipLibCheck', '--target', 'es2024'],
  ...['--lib', 'es2024,esnext.iterator,dom', '--module', 'nodenext', '--allowImportingTsExtensions'],
  ...['--rewriteRelativeImportExtensions', join(root, 'src/identity/index.ts')],
])

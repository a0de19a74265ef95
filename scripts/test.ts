/**
 * Runs the tests: all of them, or those of the files that are named.
 *
 *   npm test                              lint, types, dead code, every test
 *   node scripts/test.ts FILE...          tests of these files
 *
 * Hundreds of tests start the command from its sources. What is compiled for one is kept for the others, which makes each
 * start three times as cheap; and since many wait for something that stays silent, more files run at once than there are
 * cores to spare.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

const everything = ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts']
const named = process.argv.slice(2)
const root = fileURLToPath(new URL('..', import.meta.url))

const child = spawn(
  process.execPath,
  ['--test', `--test-concurrency=${availableParallelism() + 1}`, ...(named.length > 0 ? named : everything)],
  {
    ...(named.length === 0 && { cwd: root }),
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)),
    },
    stdio: 'inherit',
  },
)
// The terminal sends Ctrl-C to both: the runner ends its tests first, and this process with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.on('close', (code, signal) => {
  process.exitCode = signal === null ? (code ?? 1) : 1
})

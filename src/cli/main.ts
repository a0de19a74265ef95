#!/usr/bin/env node
import process from 'node:process'
import type { Output } from './shell.ts'
import { exitCodes } from './shell.ts'
import { version } from './version.ts'

const args = process.argv.slice(2)

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  // Answered before anything is loaded: scripts ask for it at every run.
  process.stdout.write(`${version}\n`)
} else {
  const { runCli } = await import('./runCli.ts')
  const interrupt = new AbortController()
  process.on('SIGINT', () => stop('Ctrl-C'))
  process.on('SIGTERM', () => stop('SIGTERM'))
  // A reader that went away (`postern plan | head`) is not a failure of ours: what is under way ends, and cleans up.
  let readerIsGone = false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    readerIsGone = true
    interrupt.abort(new Error('nobody reads the result any more'))
  })
  // Progress that nobody reads is no reason to stop.
  process.stderr.on('error', () => {})

  function stop(why: string): void {
    if (interrupt.signal.aborted) process.exit(exitCodes.interrupted)
    interrupt.abort(new Error(`stopped by ${why}`))
  }

  const output = (stream: NodeJS.WriteStream): Output => ({
    write: (text) => {
      stream.write(text)
    },
    get isTerminal() {
      return stream.isTTY === true
    },
    get columns() {
      return stream.isTTY === true ? stream.columns : 80
    },
  })

  try {
    const exitCode = await runCli(args, {
      stdout: output(process.stdout),
      stderr: output(process.stderr),
      env: process.env,
      cwd: process.cwd(),
      signal: interrupt.signal,
    })
    process.exitCode = readerIsGone ? exitCodes.well : exitCode
  } catch (error) {
    process.stderr.write(`postern: this is a bug in Postern ${version}, please report it with the lines below\n`)
    process.stderr.write('  (CONTRIBUTING.md, "Reporting a bug", says where and how)\n')
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = exitCodes.bug
  }
}

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'
import programs from './needs.json' with { type: 'json' }

/** Programs that tests run against; `scripts/install-debian.sh` installs the packages that the same table names. */
export type Program = keyof typeof programs

interface Row {
  /** The names that the program goes by. */
  readonly commands: readonly string[]
  /** Files that it is of no use without, and that another package brings. */
  readonly data?: readonly string[]
  /** Debian packages with a space between them. */
  readonly package: string
}

const rows: Readonly<Record<Program, Row>> = programs

/**
 * Finds a program that a test needs.
 *
 * Where it is missing the test is left out with one line that says how to get it; on CI (`CI=true`) the test fails
 * instead, so that a green run there means that everything ran.
 *
 * @returns the program's path; undefined when the test is to return at once, for it has been marked as left out
 */
export function needs(
  t: Pick<TestContext, 'skip'>,
  program: Program,
  env: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const path = installed(program, env)
  if (path !== undefined) return path
  const { package: packages } = rows[program]
  const word = packages.includes(' ') ? 'packages' : 'package'
  const reason = `${program} is not installed: sudo bash scripts/install-debian.sh (Debian ${word} ${packages})`
  if (env['CI'] === 'true') throw new Error(reason)
  t.skip(reason)
  return undefined
}

/**
 * Where a program is, for what a file opens before its tests: that it is missing is for each test to say, by `needs`.
 *
 * @returns undefined when it is missing, on CI too
 */
export function installed(program: Program, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { commands, data = [] } = rows[program]
  return data.every((file) => isThere(file)) ? findProgram(commands, env) : undefined
}

/**
 * Whether a test may make network namespaces and firewall rules of its own. Without the right it is left out with the way
 * to get it; on CI it fails.
 *
 * @returns false when the test is to return at once
 */
export function needsRoot(t: Pick<TestContext, 'skip'>, env: NodeJS.ProcessEnv = process.env): boolean {
  if (process.getuid?.() === 0) return true
  const reason = 'needs root for a network namespace of its own: sudo npm test'
  if (env['CI'] === 'true') throw new Error(reason)
  t.skip(reason)
  return false
}

/**
 * Looks in PATH, then where Debian puts servers, which the PATH of a plain user leaves out.
 *
 * @param commands the names that one program goes by
 */
export function findProgram(commands: readonly string[], env: NodeJS.ProcessEnv): string | undefined {
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'].filter(
    (folder) => folder !== '',
  )
  return folders.flatMap((folder) => commands.map((command) => join(folder, command))).find(isExecutable)
}

const isExecutable = (path: string): boolean => isThere(path, constants.X_OK)

function isThere(path: string, mode: number = constants.F_OK): boolean {
  try {
    accessSync(path, mode)
    return true
  } catch {
    return false
  }
}

import { execFile } from 'node:child_process'
import { access, constants, stat } from 'node:fs/promises'
import { hostname, networkInterfaces } from 'node:os'
import { delimiter, isAbsolute, join } from 'node:path'
import process from 'node:process'
import { readBounded } from '../config/readBounded.ts'
import type { Means, Ran } from '../machine/index.ts'
import { canonicalAddress } from '../model/cidr.ts'
import { systemClock } from '../net/clock.ts'
import type { NetOptions } from '../net/createNet.ts'
import { createNet } from '../net/createNet.ts'
import { askPage, fetchText } from '../net/fetchText.ts'
import { systemNameServers } from '../net/nameServers.ts'
import type { Limits } from '../net/net.ts'
import { ownHelloOctets } from '../net/ownHello.ts'
import { platformRoots } from '../net/platformRoots.ts'
import { routeTo } from '../net/routeTo.ts'
import { tryBind } from '../net/tryBind.ts'
import { findWpad } from '../net/wpad.ts'
import type { Shell } from './shell.ts'
import { emptyStore, pipeOfResolver } from './systemPipes.ts'
import { version } from './version.ts'

/** What a look reads of a file or of a program's output: settings and tables of the system have a few KiB. */
const mostOctets = 1_048_576

/** A script of a proxy, or an answer that is only looked at for its fields. */
const maxBodyBytes = 1_048_576

/** This machine itself, as looks are given it. */
export function machineMeans(
  shell: Pick<Shell, 'env'>,
  site: {
    readonly names: Readonly<Record<string, string>>
    readonly trustPem: readonly string[]
    readonly proxyCredentials: NonNullable<NetOptions['proxyCredentials']>
  },
): Means {
  const userAgent = `postern/${version}`
  const stores = emptyStore(shell.env)
  const pipe = pipeOfResolver()
  const net = createNet({
    trust: { site: site.trustPem, ...stores },
    userAgent,
    names: site.names,
    proxyCredentials: site.proxyCredentials,
  })
  const tools = { net, names: site.names, clock: systemClock, userAgent, maxBodyBytes }
  return {
    platform: process.platform,
    hostName: hostname(),
    nodeVersion: process.versions.node,
    environment: shell.env,
    addresses: Object.entries(networkInterfaces()).flatMap(([interfaceName, list]) =>
      (list ?? []).flatMap(({ address }) => {
        const canonical = canonicalAddress(address.split('%')[0] ?? '')
        return canonical === undefined ? [] : [{ interfaceName, address: canonical }]
      }),
    ),
    nameServers: pipe === undefined ? systemNameServers() : [],
    readText,
    findProgram: (name) => findProgram(name, shell.env),
    run: runProgram(shell),
    roots: () => platformRoots(stores),
    net,
    fetchText: (url, limits) => fetchText(url, tools, limits),
    askPage: (url, limits) => askPage(url, tools, limits),
    findWpad: (domain, limits) => findWpad(domain, tools, limits),
    routeTo,
    tryBind: pipe === undefined ? tryBind : async () => ({ code: `${pipe} is no file` }),
    ownHelloOctets: (limits) => ownHelloOctets('login.microsoftonline.com', limits),
  }
}

/** Nothing of what cannot be read whole and at once. */
async function readText(path: string): Promise<string | undefined> {
  const read = await readBounded(path, mostOctets)
  return 'octets' in read ? new TextDecoder().decode(read.octets) : undefined
}

/** @returns where a program stands on the PATH; undefined when it does not */
export async function findProgram(name: string, env: Shell['env']): Promise<string | undefined> {
  const isWindows = process.platform === 'win32'
  const endings = isWindows ? (env['PATHEXT'] ?? '.EXE;.CMD').split(';') : ['']
  // A folder that is relative means another one wherever the program is started.
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(isAbsolute)
  for (const folder of folders) {
    for (const ending of endings) {
      const path = join(folder, name + ending)
      if (await isProgram(path)) return path
    }
  }
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

/**
 * Windows looks for a program in the current folder first, where anybody may have put one: those of the system are started
 * from its own folder.
 */
function startable(program: string, env: Shell['env']): string {
  const isBare = process.platform === 'win32' && !isAbsolute(program)
  return isBare ? join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', `${program}.exe`) : program
}

/** Runs programs of this machine, without a shell and with their input closed. */
export function runProgram(shell: Pick<Shell, 'env'>): Means['run'] {
  return (program, words, limits) => run(startable(program, shell.env), words, limits)
}

function run(program: string, words: readonly string[], { signal, timeoutMs }: Limits): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...words],
      { signal, timeout: timeoutMs, maxBuffer: mostOctets, windowsHide: true, encoding: 'utf8' },
      (error, stdout) => {
        if (error === null) return resolve({ kind: 'ran', exitCode: 0, stdout })
        if (typeof error.code === 'number') return resolve({ kind: 'ran', exitCode: error.code, stdout })
        resolve({ kind: 'failed', why: error.killed ? 'it did not end in time' : (error.code ?? 'it did not end') })
      },
    )
    child.stdin?.on('error', () => {})
    child.stdin?.end()
  })
}

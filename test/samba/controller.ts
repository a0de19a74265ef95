/**
 * A domain controller, as one process in namespaces of its own, whose first process it is: Samba, and chronyd for the
 * time. `controller.ts ARCHIVE CERTIFICATES SAMBA CHRONYD WITHOUT [OPTION=VALUE…]` says `ready` in a line once every service
 * answers but for those at the ports of WITHOUT, which have commas between them, and ends with its input; whatever ends it
 * ends all that it started, for a PID namespace goes with its first process. Where 123 is among these ports there is no
 * chronyd. The options are Samba's, beside those of its file. What Samba says goes to standard error.
 */
import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { dc } from '../namespaces/places.ts'
import { servedPorts } from './domain.ts'

const [archive = '', certificates = '', samba = '', chronyd = '', without = '', ...options] = process.argv.slice(2)
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Of this controller, as its archive has them. */
const settings = '/run/dc/smb.conf'
/** How often at most, and how long apart in milliseconds, a service is asked whether it is there. */
const attempts = 1500
const apartMs = 20
const answerMs = 1000

if (process.pid !== 1) throw new Error('the domain controller wants a PID namespace of its own')
process.stdin.on('end', () => process.exit())
process.stdin.resume()
execFileSync('sh', [here('unpack.sh'), archive, certificates], { stdio: ['ignore', 'inherit', 'inherit'] })

function start(command: string, ...args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 2, 2] })
  child.once('exit', (code, signal) => {
    process.stderr.write(`${command} ended with ${code ?? signal}\n`)
    process.exit(1)
  })
  return child
}

type Place = { readonly host: string; readonly port: number } | { readonly path: string }

/** Whether somebody listens there; with a question, whether it is answered. */
function answers(place: Place, question?: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(place)
    const end = (well: boolean): void => {
      socket.destroy()
      resolve(well)
    }
    socket.on('connect', () => (question === undefined ? end(true) : socket.write(question)))
    socket.on('data', () => end(true))
    socket.on('end', () => end(false))
    socket.on('error', () => end(false))
    socket.setTimeout(answerMs, () => end(false))
  })
}

/** A search for the root DSE without attributes (RFC 4511 §4.5). */
const rootDse = Buffer.from('3025020101632004000a01000a0100020100020100010100870b6f626a656374636c6173733000', 'hex')

const absent = without.split(',')
if (!absent.includes('123')) start(chronyd, '-x', '-d', '-U', '-u', 'root', '-f', here('chrony.conf'))
// In the file, for the programs that Samba starts read it too.
appendFileSync(settings, ['[global]', ...options, ''].join('\n'))
start(samba, '-i', '-M', 'prefork', `--configfile=${settings}`, '--debug-stdout')
const wanted: readonly (readonly [place: Place, question?: Uint8Array])[] = [
  ...servedPorts.filter((port) => !absent.includes(String(port))).map((port) => [{ host: dc.address, port }] as const),
  [{ host: dc.address, port: 389 }, rootDse],
  // Without it every session of SMB fails, though the port is open.
  [{ path: '/run/samba/winbindd/pipe' }],
]
for (const [place, question] of wanted) {
  let attempt = 0
  while (!(await answers(place, question))) {
    attempt += 1
    if (attempt === attempts) throw new Error(`nobody answers at ${JSON.stringify(place)}`)
    await sleep(apartMs)
  }
}
process.stdout.write('ready\n')

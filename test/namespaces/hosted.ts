/**
 * Programs that serve inside of a machine, as the first process of a PID namespace of its own: `hosted.ts COMMANDS PORTS`,
 * with a list of command lines and one of `ADDRESS:PORT`, both as JSON. It says `ready` in a line once all of these ports
 * are taken, ends with its input, and whatever ends it ends all that it started.
 */
import { spawn } from 'node:child_process'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const commands: readonly (readonly [string, ...string[]])[] = JSON.parse(process.argv[2] ?? '[]')
const places: readonly string[] = JSON.parse(process.argv[3] ?? '[]')

/** How often at most, and how long apart in milliseconds, it is tried whether a port is taken. */
const attempts = 750
const apartMs = 20

if (process.pid !== 1) throw new Error('what is hosted wants a PID namespace of its own')
process.stdin.on('end', () => process.exit())
process.stdin.resume()

for (const [program, ...args] of commands) {
  const child = spawn(program, args, { stdio: ['ignore', 2, 2] })
  child.once('exit', (code, signal) => {
    process.stderr.write(`${program} ended with ${code ?? signal}\n`)
    process.exit(1)
  })
}

function isTaken(place: string): Promise<boolean> {
  const [host = '', port = ''] = place.split(':')
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) })
    const end = (taken: boolean): void => {
      socket.destroy()
      resolve(taken)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}

for (const place of places) {
  let attempt = 0
  while (!(await isTaken(place))) {
    attempt += 1
    if (attempt === attempts) throw new Error(`nobody listens at ${place}`)
    await sleep(apartMs)
  }
}
process.stdout.write('ready\n')

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { TestContext } from 'node:test'

/**
 * Where connections are neither accepted nor refused, as behind a filter: a process that listens and sleeps, with its
 * queue filled. It goes with the test.
 */
export async function blackHole(t: TestContext): Promise<{ readonly address: string; readonly port: number }> {
  const program = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port) + '\\n')
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
    })`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const fillers: Socket[] = []
  t.after(async () => {
    for (const filler of fillers) filler.destroy()
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  // The queue holds a few more than asked for: fill it until a connection is left hanging.
  for (let full = false; !full && fillers.length < 64; ) {
    const filler = new Socket()
    filler.on('error', () => {})
    fillers.push(filler)
    filler.connect({ host: '127.0.0.1', port, autoSelectFamily: false })
    full = await Promise.race([
      once(filler, 'connect').then(() => false),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 300)),
    ])
  }
  return { address: '127.0.0.1', port }
}

/**
 * Runs inside of a network namespace: answers on TCP and UDP with who asked and where, and asks as it is told.
 *
 *   node kernelAgent.ts PORTS UDP-ADDRESSES
 *
 * A line of standard input is a list of attempts, and each gets a line with what came of them. Ends with its input.
 */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'

/** Something to ask, and how long silence is waited for. */
export interface Attempt {
  readonly protocol: 'tcp' | 'udp'
  readonly from: string
  /** Each attempt has its own: connection tracking remembers those that were. */
  readonly fromPort: number
  readonly to: string
  readonly port: number
  readonly waitMs: number
}

/** What came of it. `answer`: addresses and port as the other end sees them. */
export interface Outcome {
  readonly kind: 'answer' | 'refused' | 'silence' | 'forbidden'
  readonly client?: string
  readonly server?: string
  readonly port?: number
}

const silence: Outcome = { kind: 'silence' }

function plain(address: string | undefined): string {
  return (address ?? '').replace(/^::ffff:/, '')
}

async function serve(ports: readonly number[], addresses: readonly string[]): Promise<void> {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.on('error', () => {})
      const { remoteAddress, localAddress, localPort } = socket
      socket.end(JSON.stringify({ client: plain(remoteAddress), server: plain(localAddress), port: localPort }))
    })
    server.listen(port, '::')
    await once(server, 'listening')
    // One for each address: an answer goes out from where it was asked.
    for (const address of addresses) {
      const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
      socket.on('error', () => {})
      socket.on('message', (_, from) => {
        socket.send(JSON.stringify({ client: plain(from.address), server: address, port }), from.port, from.address)
      })
      socket.bind(port, address)
      await once(socket, 'listening')
    }
  }
}

function outcomeOf(error: NodeJS.ErrnoException): Outcome {
  return { kind: error.code === 'EPERM' ? 'forbidden' : 'refused' }
}

function askTcp({ from, fromPort, to, port, waitMs }: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = connect({ host: to, port, localAddress: from, localPort: fromPort })
    let timer = setTimeout(() => done(silence), waitMs)
    let told = ''
    const done = (outcome: Outcome): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    socket.setEncoding('utf8')
    socket.on('connect', () => {
      clearTimeout(timer)
      // Rules may let a handshake pass and nothing after it: then the server never has a connection, and says nothing.
      timer = setTimeout(() => done(silence), Math.min(waitMs, 1500))
    })
    socket.on('data', (part: string) => {
      told += part
    })
    socket.on('error', (error) => done(outcomeOf(error)))
    socket.on('end', () => done({ ...(JSON.parse(told) as Outcome), kind: 'answer' }))
  })
}

function askUdp({ from, fromPort, to, port, waitMs }: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket(to.includes(':') ? 'udp6' : 'udp4')
    const timer = setTimeout(() => done(silence), waitMs)
    let isDone = false
    let again: NodeJS.Timeout | undefined
    const done = (outcome: Outcome): void => {
      if (isDone) return
      isDone = true
      clearTimeout(timer)
      clearInterval(again)
      socket.close()
      resolve(outcome)
    }
    socket.on('error', (error) => done(outcomeOf(error)))
    socket.on('message', (text) => done({ ...(JSON.parse(text.toString()) as Outcome), kind: 'answer' }))
    socket.bind(fromPort, from, () => {
      // A connected socket is told of ICMP errors.
      socket.connect(port, to, () => {
        const send = (): void => socket.send('?', (error) => error && done(outcomeOf(error)))
        if (isDone) return
        send()
        // A kernel sends only so many ICMP errors at a time, as TCP makes up for by itself.
        again = setInterval(send, 400)
      })
    })
  })
}

const [ports = '', addresses = ''] = process.argv.slice(2)
await serve(
  ports.split(',').map(Number),
  addresses.split(',').filter((address) => address !== ''),
)
process.stdout.write('ready\n')
for await (const line of createInterface({ input: process.stdin })) {
  const attempts = JSON.parse(line) as readonly Attempt[]
  const outcomes = await Promise.all(
    attempts.map((attempt) => (attempt.protocol === 'tcp' ? askTcp(attempt) : askUdp(attempt))),
  )
  process.stdout.write(`${JSON.stringify(outcomes)}\n`)
}
process.exit(0)

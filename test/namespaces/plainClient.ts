/**
 * A client that knows nothing of Postern and says in one word what it met, by which a row shows that its fault is in
 * place. Run inside of the client's namespace: `plainClient.ts TASK…`, one after the other, each of them
 *
 * - `knock:ADDRESS:PORT`, `crowd:ADDRESS:PORT:COUNT`, `hold:ADDRESS:PORT:MS`
 * - `shake:ADDRESS:PORT:NAME`, `issuer:ADDRESS:PORT:NAME`: of whom the certificate is, and by whom
 * - `get:ADDRESS:PORT:/PATH`, `greet:ADDRESS:PORT`: the first line of what comes to a request of HTTP/1.0
 * - `tunnel:ADDRESS:PORT:NAME:PORT`: what a proxy says that is asked for a tunnel
 * - `ask:udp|tcp[:ADDRESS]`, `name:ADDRESS:TYPE:NAME`: what a resolver says
 * - `time:ADDRESS`, `datagram:ADDRESS:PORT:OCTETS`, the octets in hexadecimal
 */
import { createSocket } from 'node:dgram'
import { get, request as requestOf } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import dnsPacket from 'dns-packet'
import { nameServer } from './places.ts'

const waitMs = 1200
/** Until a kernel that counts connections has noticed that they are gone, in milliseconds. */
const lingerMs = 300

function knock(host: string, port: number, hold?: Promise<void>): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    const timer = setTimeout(() => end('silence'), waitMs)
    const end = (word: string): void => {
      clearTimeout(timer)
      resolve(word)
      void (hold ?? Promise.resolve()).then(() => socket.destroy())
    }
    socket.once('connect', () => end('connected'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function shake(host: string, port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, servername, rejectUnauthorized: false })
    let stood = false
    const timer = setTimeout(() => end(stood ? 'silence after connecting' : 'silence'), waitMs)
    const end = (word: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(word)
    }
    socket.once('connect', () => {
      stood = true
    })
    socket.once('secureConnect', () => end('handshake'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

function issuerOf(host: string, port: number, servername: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ host, port, servername, rejectUnauthorized: false, timeout: waitMs })
    const end = (word: string): void => {
      socket.destroy()
      resolve(word)
    }
    socket.once('secureConnect', () => {
      const { subject, issuer } = socket.getPeerCertificate()
      end(`${subject.CN} by ${issuer.CN}`)
    })
    socket.once('timeout', () => end('silence'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** The first line of what comes to a request that any server of text understands, or takes for nonsense. */
function greet(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    const end = (word: string): void => {
      socket.destroy()
      resolve(word)
    }
    socket.setTimeout(waitMs, () => end('silence'))
    socket.once('connect', () => socket.write('GET / HTTP/1.0\r\n\r\n'))
    socket.once('data', (octets: Buffer) => end(octets.toString('latin1').split('\r\n')[0] ?? ''))
    socket.once('end', () => end('ended'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** The status of a proxy's answer to the wish for a tunnel. */
function askForTunnel(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = requestOf({ host, port, method: 'CONNECT', path, timeout: waitMs, agent: false })
    const end = (word: string): void => {
      request.destroy()
      resolve(word)
    }
    request.once('connect', ({ statusCode }, socket) => {
      socket.destroy()
      end(String(statusCode))
    })
    request.once('timeout', () => end('silence'))
    request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    request.end()
  })
}

/** What a resolver answers over UDP: the names or addresses, or its word for having none. */
async function lookUp(server: string, type: string, name: string): Promise<string> {
  const question = { type: type === 'SRV' ? 'SRV' : 'A', name } as const
  const flags = dnsPacket.RECURSION_DESIRED
  const asked = dnsPacket.encode({ type: 'query', id: 7, flags, questions: [question], additionals: [] })
  const answer = await exchange(server, nameServer.port, asked)
  if (typeof answer === 'string') return answer
  const { answers, rcode, flag_tc: isCut } = dnsPacket.decode(answer)
  if (isCut) return 'truncated'
  const found = answers.flatMap((one) => (one.type === 'A' ? one.data : one.type === 'SRV' ? one.data.target : []))
  return found.length > 0 ? found.toSorted().join(' ') : rcode
}

function fetchPage(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, timeout: waitMs, agent: false }, (response) => {
      let octets = 0
      response.on('data', (part: Buffer) => {
        octets += part.length
      })
      response.on('end', () => resolve(`${octets} octets`))
      response.on('error', () => resolve('broken off'))
    })
    request.on('timeout', () => {
      resolve('silence')
      request.destroy()
    })
    request.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  })
}

/** Sends a datagram from a port of its own, and waits for whatever comes back. */
async function sendUdp(host: string, port: number, message: Uint8Array): Promise<string> {
  const met = await exchange(host, port, message)
  return typeof met === 'string' ? met : 'answer'
}

function exchange(host: string, port: number, message: Uint8Array): Promise<string | Buffer> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const timer = setTimeout(() => end('silence'), waitMs)
    const end = (word: string | Buffer): void => {
      clearTimeout(timer)
      socket.close()
      resolve(word)
    }
    socket.once('message', (answer) => end(answer))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
    socket.send(message, port, host)
  })
}

const nsOfRoot = dnsPacket.encode({
  type: 'query',
  id: 7,
  flags: 0,
  questions: [{ type: 'NS', name: '.' }],
  additionals: [],
})

/** Version 4, client (RFC 5905 §7.3). */
const ntpRequest = Buffer.alloc(48)
ntpRequest[0] = 0x23

/** A connection that is held without a word for so many milliseconds, and left then. */
function hold(host: string, port: number, heldMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, autoSelectFamily: false })
    let left = false
    const end = (word: string): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(word)
    }
    const timer = setTimeout(() => end('silence'), heldMs + waitMs)
    socket.resume()
    socket.once('connect', () =>
      setTimeout(() => {
        left = true
        socket.end()
      }, heldMs),
    )
    socket.once('end', () => end(left ? 'left' : 'left by itself'))
    socket.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message))
  })
}

/** So many connections at once, all held until the last has come out. */
async function crowd(host: string, port: number, count: number): Promise<string> {
  let release = (): void => {}
  const hold = new Promise<void>((resolve) => {
    release = resolve
  })
  const words = await Promise.all(Array.from({ length: count }, () => knock(host, port, hold)))
  release()
  await sleep(lingerMs)
  return `${words.filter((word) => word === 'connected').length} of ${count} connected`
}

function doTask(task: string): Promise<string> {
  const [verb, host = '', port = '', rest = '', more = ''] = task.split(':')
  switch (verb) {
    case 'knock':
      return knock(host, Number(port))
    case 'shake':
      return shake(host, Number(port), rest)
    case 'get':
      return fetchPage(host, Number(port), rest)
    case 'crowd':
      return crowd(host, Number(port), Number(rest))
    case 'hold':
      return hold(host, Number(port), Number(rest))
    case 'ask':
      return host === 'udp'
        ? sendUdp(port || nameServer.address, nameServer.port, nsOfRoot)
        : knock(port || nameServer.address, nameServer.port)
    case 'name':
      return lookUp(host, port, rest)
    case 'datagram':
      return sendUdp(host, Number(port), Buffer.from(rest, 'hex'))
    case 'issuer':
      return issuerOf(host, Number(port), rest)
    case 'greet':
      return greet(host, Number(port))
    case 'tunnel':
      return askForTunnel(host, Number(port), `${rest}:${more}`)
    case 'time':
      return sendUdp(host, 123, ntpRequest)
    default:
      throw new RangeError(`no task ${task}`)
  }
}

const words: string[] = []
for (const task of process.argv.slice(2)) words.push(await doTask(task))
process.stdout.write(words.join(', '))

/**
 * A client that knows nothing of Postern and says in one word what it met, by which a row shows that its fault is in
 * place. Run inside of the client's namespace: `plainClient.ts TASK…`, each `knock:ADDRESS:PORT`, `shake:ADDRESS:PORT:NAME`,
 * `get:ADDRESS:PORT:/PATH`, `hold:ADDRESS:PORT:MS`, `ask:udp|tcp`, `time:ADDRESS` or `crowd:ADDRESS:PORT:COUNT`, one after
 * the other.
 */
import { createSocket } from 'node:dgram'
import { get } from 'node:http'
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
function sendUdp(host: string, port: number, message: Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const timer = setTimeout(() => end('silence'), waitMs)
    const end = (word: string): void => {
      clearTimeout(timer)
      socket.close()
      resolve(word)
    }
    socket.once('message', () => end('answer'))
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
  const [verb, host = '', port = '', rest = ''] = task.split(':')
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
        ? sendUdp(nameServer.address, nameServer.port, nsOfRoot)
        : knock(nameServer.address, nameServer.port)
    case 'time':
      return sendUdp(host, 123, ntpRequest)
    default:
      throw new RangeError(`no task ${task}`)
  }
}

const words: string[] = []
for (const task of process.argv.slice(2)) words.push(await doTask(task))
process.stdout.write(words.join(', '))

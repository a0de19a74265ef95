import type { Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import type { Certificate, Place, StandIn } from './standIn.ts'
import { openStandIn } from './standIn.ts'

/** What the server does with who brings it mail; all but `well` are wrong in one way. */
export const smtpConducts = [
  'well',
  'no-starttls',
  'refuses-starttls',
  'no-sign-in',
  'refuses-sign-in',
  'refuses-one',
  'refuses-all',
  'busy',
  'refuses-message',
  'talks-on',
  'silent',
  'silent-after-data',
  'closes-in-data',
] as const
export type SmtpConduct = (typeof smtpConducts)[number]

/** A mail as it was taken. */
export interface TakenMail {
  readonly from: string
  readonly to: readonly string[]
  /** All of it, without the dots of the protocol. */
  readonly text: string
  readonly isUnderTls: boolean
  /** Who had signed in. */
  readonly user?: string
}

export interface SmtpOptions {
  readonly conduct?: SmtpConduct
  /** With it STARTTLS is offered. */
  readonly certificate?: Certificate
  /** TLS from the first octet on. */
  readonly isImplicit?: boolean
  /** The only account that may sign in. */
  readonly account?: { readonly user: string; readonly password: string }
}

export interface SmtpStandIn extends StandIn {
  readonly taken: readonly TakenMail[]
  /** Lines that clients said before TLS. */
  readonly saidInClear: readonly string[]
}

/** A mail server (RFC 5321) with STARTTLS (RFC 3207) and AUTH PLAIN (RFC 4954), which delivers nothing. */
export async function openSmtpServer(place: Place, options: SmtpOptions = {}): Promise<SmtpStandIn> {
  const taken: TakenMail[] = []
  const saidInClear: string[] = []
  const standIn = await openStandIn(place, (socket) => {
    const talk = new Talk(options, taken, saidInClear)
    if (options.isImplicit === true) talk.secure(socket, true)
    else talk.begin(socket)
  })
  return { ...standIn, taken, saidInClear }
}

class Talk {
  readonly #options: SmtpOptions
  readonly #taken: TakenMail[]
  readonly #saidInClear: string[]
  #socket: Socket | undefined
  #isSecure = false
  #came = ''
  #data: string[] | undefined
  #from = ''
  #to: string[] = []
  #user: string | undefined

  constructor(options: SmtpOptions, taken: TakenMail[], saidInClear: string[]) {
    this.#options = options
    this.#taken = taken
    this.#saidInClear = saidInClear
  }

  begin(socket: Socket): void {
    this.#listen(socket)
    if (this.#options.conduct === 'silent') return
    this.#say(this.#options.conduct === 'busy' ? '421 mail.corp.example is busy' : '220 mail.corp.example ESMTP')
  }

  secure(socket: Socket, greets: boolean): void {
    const { cert, key } = this.#options.certificate ?? { cert: '', key: '' }
    socket.removeAllListeners('data')
    const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext({ cert, key }) })
    secured.on('error', () => secured.destroy())
    this.#isSecure = true
    this.#came = ''
    if (greets) this.begin(secured)
    else this.#listen(secured)
  }

  #listen(socket: Socket): void {
    this.#socket = socket
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk: Buffer) => {
      this.#came += chunk.toString('utf8')
      for (let end = this.#came.indexOf('\r\n'); end >= 0; end = this.#came.indexOf('\r\n')) {
        const line = this.#came.slice(0, end)
        this.#came = this.#came.slice(end + 2)
        if (!this.#isSecure) this.#saidInClear.push(line)
        this.#hear(line)
      }
    })
  }

  #say(...lines: readonly string[]): void {
    this.#socket?.write(lines.map((line) => `${line}\r\n`).join(''))
  }

  #hear(line: string): void {
    if (this.#data !== undefined) this.#hearData(line, this.#data)
    else this.#hearCommand(line)
  }

  #hearData(line: string, data: string[]): void {
    const { conduct } = this.#options
    if (conduct === 'closes-in-data') {
      this.#socket?.destroy()
      return
    }
    if (line !== '.') {
      data.push(line.startsWith('.') ? line.slice(1) : line)
      return
    }
    this.#data = undefined
    if (conduct === 'silent-after-data') return
    if (conduct === 'refuses-message') {
      this.#say('554 5.7.1 looks like spam')
      return
    }
    const user = this.#user
    const isUnderTls = this.#isSecure
    const mail = { from: this.#from, to: this.#to, text: data.join('\n'), isUnderTls }
    this.#taken.push({ ...mail, ...(user !== undefined && { user }) })
    this.#say('250 2.0.0 queued as 4711')
  }

  #hearCommand(line: string): void {
    const { conduct, account } = this.#options
    const [verb = '', rest = ''] = [line.slice(0, 4).toUpperCase(), line.slice(5)]
    switch (verb) {
      case 'EHLO':
        this.#welcome()
        return
      case 'STAR':
        this.#startTls()
        return
      case 'AUTH':
        this.#signIn(rest)
        return
      case 'MAIL':
        this.#from = addressIn(rest)
        this.#to = []
        this.#say(
          account !== undefined && conduct !== 'no-sign-in' && this.#user === undefined
            ? '530 5.7.0 sign in first'
            : '250 2.1.0 ok',
        )
        return
      case 'RCPT': {
        const address = addressIn(rest)
        const isRefused = conduct === 'refuses-all' || (conduct === 'refuses-one' && this.#to.length > 0)
        if (!isRefused) this.#to.push(address)
        this.#say(isRefused ? `550 5.1.1 ${address}: no such user` : '250 2.1.5 ok')
        return
      }
      case 'DATA':
        this.#data = []
        this.#say('354 go on')
        return
      case 'QUIT':
        this.#say('221 2.0.0 bye')
        this.#socket?.end()
        return
      default:
        this.#say('502 5.5.2 not known')
    }
  }

  #welcome(): void {
    const { conduct, certificate, account } = this.#options
    const offersTls = certificate !== undefined && !this.#isSecure && conduct !== 'no-starttls'
    const offersSignIn = account !== undefined && conduct !== 'no-sign-in'
    if (conduct === 'talks-on') {
      this.#say(...Array.from({ length: 4000 }, () => `250-${'x'.repeat(500)}`))
      return
    }
    this.#say(
      '250-mail.corp.example',
      ...(offersTls ? ['250-STARTTLS'] : []),
      ...(offersSignIn ? ['250-AUTH PLAIN'] : []),
      '250 8BITMIME',
    )
  }

  #startTls(): void {
    if (this.#options.certificate === undefined || this.#options.conduct === 'refuses-starttls') {
      this.#say('454 4.7.0 TLS is not available')
      return
    }
    const socket = this.#socket
    this.#say('220 2.0.0 go on')
    if (socket !== undefined) this.secure(socket, false)
  }

  /** PLAIN with its answer at once (RFC 4616): an empty text, the user and the password, with a zero between them. */
  #signIn(rest: string): void {
    const { conduct, account } = this.#options
    if (conduct === 'no-sign-in') {
      this.#say('503 5.5.1 nobody signs in here')
      return
    }
    const told = Buffer.from(rest.replace(/^PLAIN /i, ''), 'base64').toString('utf8')
    const [, user, password] = told.split('\0')
    const isKnown = account !== undefined && user === account.user && password === account.password
    if (conduct === 'refuses-sign-in' || !isKnown) {
      // Some servers say what they were told.
      this.#say(`535 5.7.8 ${user} may not sign in with ${password}`)
      return
    }
    this.#user = user
    this.#say('235 2.7.0 welcome')
  }
}

function addressIn(text: string): string {
  return /<([^>]*)>/.exec(text)?.[1] ?? ''
}

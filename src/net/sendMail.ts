import { isIP } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { NodemailerError, SendMailOptions } from 'nodemailer'
import { createTransport } from 'nodemailer'
import { hostPort, unbracketed } from '../model/hostPort.ts'
import { printableText } from '../wire/printable-text.ts'
import type { DialFailure, NamedPlace } from './dialNamed.ts'
import { dialFailure, dialNamed, endedDial } from './dialNamed.ts'
import type { Limits } from './net.ts'

/** How the way to a mail server is secured (RFC 8314, RFC 3207). */
export const mailSecurities = ['starttls', 'tls', 'none'] as const
export type MailSecurity = (typeof mailSecurities)[number]

export interface MailServer extends NamedPlace {
  readonly security: MailSecurity
  /** Who signs in; absent: nobody. It is never said without TLS, unless `security` is `none`. */
  readonly account?: { readonly user: string; readonly password: string }
}

/** A message; texts are Unicode, and encoded where they are sent. */
export interface MailMessage {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  readonly html: string
  /** With angle brackets, as all ids here (RFC 5322 §3.6.4). */
  readonly messageId: string
  readonly inReplyTo?: string
  readonly references?: readonly string[]
  readonly isUrgent: boolean
  /** Further fields, by name; values are one line of ASCII. */
  readonly fields: Readonly<Record<string, string>>
  readonly date: Date
}

export type MailSent =
  | {
      readonly kind: 'taken'
      /** What the server said to the message. */
      readonly says: string
      /** Receivers that it did not take the message for. */
      readonly refused: readonly { readonly address: string; readonly says: string }[]
    }
  /** The server said no (RFC 5321 §4.2.1): `isFinal` with 5yz, and not with 4yz. */
  | { readonly kind: 'refused'; readonly isFinal: boolean; readonly says: string }
  | DialFailure

export interface MailTools {
  readonly names: Readonly<Record<string, string>>
  readonly secureContext: () => SecureContext
  /** Said in EHLO: a host name, or an address in brackets. */
  readonly ownName: string
}

/**
 * Brings one message to a mail server (RFC 5321): one connection for it, under TLS unless it is said otherwise, with a
 * certificate for the name of the server. What is waited for has one bound.
 */
export async function sendMail(
  server: MailServer,
  message: MailMessage,
  limits: Limits,
  { names, secureContext, ownName }: MailTools,
): Promise<MailSent> {
  const { security, account } = server
  const dialled = await dialNamed(server, names, limits)
  if (dialled.kind === 'failed') return dialled
  const { socket } = dialled
  const patience = AbortSignal.timeout(limits.timeoutMs)
  const signal = AbortSignal.any([limits.signal, patience])
  const name = unbracketed(server.host)
  const transport = createTransport({
    // The connection stands: the library resolves and dials nothing.
    getSocket: (_options, callback) => callback(null, { connection: socket }),
    host: name,
    port: server.port,
    name: ownName,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    tls: { secureContext: secureContext(), minVersion: 'TLSv1.2', ...(isIP(name) === 0 && { servername: name }) },
    greetingTimeout: limits.timeoutMs,
    socketTimeout: limits.timeoutMs,
    maxResponseSize: 65_536,
    disableFileAccess: true,
    disableUrlAccess: true,
    // A server that offers no sign-in is not left with an unsigned message instead.
    ...(account !== undefined && { auth: { user: account.user, pass: account.password }, forceAuth: true }),
  })
  try {
    const sent = await transport.sendMail({ ...lettersOf(message), signal })
    const refused = (sent.rejectedErrors ?? []).map((error) => ({
      address: error.recipient ?? '',
      says: printableText(error.response ?? 'refused', 200),
    }))
    return { kind: 'taken', says: printableText(sent.response, 200), refused }
  } catch (error) {
    if (limits.signal.aborted) return endedDial('aborted', server)
    return patience.aborted ? endedDial('timeout', server) : mailFailure(error, server)
  } finally {
    transport.close()
    socket.destroy()
  }
}

function lettersOf(message: MailMessage): SendMailOptions {
  const { from, to, subject, text, html, messageId, inReplyTo, references, isUrgent, fields, date } = message
  return {
    ...{ from, to: [...to], subject, text, html, messageId, date },
    ...(inReplyTo !== undefined && { inReplyTo }),
    ...(references !== undefined && { references: [...references] }),
    ...(isUrgent && { priority: 'high' as const }),
    headers: { ...fields, 'Auto-Submitted': 'auto-generated' },
  }
}

function mailFailure(error: unknown, server: MailServer): MailSent {
  const place = hostPort(unbracketed(server.host), server.port)
  const { code, originalCode, response, responseCode } = error instanceof Error ? (error as NodemailerError) : {}
  const answer = response === undefined ? undefined : printableText(response, 200)
  switch (code) {
    case 'ETLS':
      return failed(answer === undefined ? `${place}: TLS did not come about` : `${place} refuses STARTTLS: ${answer}`)
    case 'EAUTH':
    case 'ENOAUTH': {
      // A password that is refused stays so, and an account that is tried again and again is locked.
      const isFinal = responseCode === undefined || responseCode >= 500
      return { kind: 'refused', isFinal, says: `sign-in refused: ${answer ?? 'the server offers none that fits'}` }
    }
    case 'ETIMEDOUT':
      return endedDial('timeout', server)
    default:
      if (answer === undefined || responseCode === undefined) return dialFailure(originalCode, server)
      return { kind: 'refused', isFinal: responseCode >= 500 && responseCode !== 503, says: answer }
  }
}

function failed(says: string): DialFailure {
  return { kind: 'failed', why: 'unreachable', says }
}

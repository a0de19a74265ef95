import { outletOf } from '../outlet.ts'
import { patience } from '../patience.ts'

export const emailSettings = {
  host: { kind: 'text', form: 'host', example: 'mail.corp.example', what: 'The mail server that takes it.' },
  port: {
    kind: 'count',
    unit: 'port',
    least: 1,
    most: 65_535,
    usual: 587,
    what: 'Its port: 587 or 25 with starttls, 465 with tls.',
  },
  security: {
    kind: 'choice',
    words: ['starttls', 'tls', 'none'],
    usual: 'starttls',
    what: 'starttls: nothing is sent where the server refuses it; tls: from the first octet on; none: in the clear, for a server on this machine.',
  },
  credentials: {
    kind: 'secret',
    isOptional: true,
    example: 'env:SMTP_AUTH',
    what: 'Who signs in, as USER:PASSWORD; absent: nobody. Never said in the clear.',
  },
  from: { kind: 'text', form: 'mail-address', example: 'postern@corp.example', what: 'The sender.' },
  to: {
    kind: 'texts',
    form: 'mail-address',
    example: ['identity-team@corp.example'],
    what: 'The receivers.',
  },
  ...patience,
  'timeout-seconds': { ...patience['timeout-seconds'], usual: 30 },
} as const

export const email = outletOf({
  what: 'A mail over SMTP; all of one incident are one thread.',
  takes: ['alerts'],
  atOnce: 1,
  settings: emailSettings,
  load: async () => (await import('./sendEmail.ts')).sendEmail,
})

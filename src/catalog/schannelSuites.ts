import type { Source } from '../model/flow.ts'

/** What Schannel, and with it .NET on Windows, offers for TLS 1.2 unless somebody has set another order. */
export interface SchannelSuites extends Source {
  readonly windows: string
  /** Those with ECDHE and SHA-2, in its order; names of IANA, without the curve that older versions append. */
  readonly suites: readonly string[]
}

const pageOf = (name: string): Source => ({
  source: `MicrosoftDocs/win32: desktop-src/SecAuthN/tls-cipher-suites-in-windows-${name}.md`,
  asOf: '2018-05-31',
})

export const schannelSuites: readonly SchannelSuites[] = [
  {
    windows: 'Windows Server 2012 R2',
    suites: [
      'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
    ],
    ...pageOf('8-1'),
  },
  {
    windows: 'Windows Server 2016',
    suites: [
      'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
      'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
      'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256',
      'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384',
      'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256',
    ],
    ...pageOf('10-v1607'),
  },
]

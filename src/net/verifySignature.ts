import type { KeyObject } from 'node:crypto'
import { constants, verify } from 'node:crypto'
import type { Signed } from '../wire/crl.ts'

/** Hash by OBJECT IDENTIFIER of the signature algorithm (RFC 4055, RFC 5758, RFC 8410); null: the key itself decides. */
const hashes: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.5': 'sha1',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.1': 'sha1',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
  '1.3.101.113': null,
}

const rsaPss = '1.2.840.113549.1.1.10'
/** The object identifiers of SHA-2 as DER, looked for in the parameters of RSASSA-PSS (RFC 4055 §3.1). */
const pssHashes = [
  { hash: 'sha256', der: '0609608648016503040201' },
  { hash: 'sha384', der: '0609608648016503040202' },
  { hash: 'sha512', der: '0609608648016503040203' },
] as const

/** Whether a key made a signature. An algorithm that is not known, or does not fit the key, has signed nothing. */
export function verifySignature({ signed, algorithm, parameters, signature }: Signed, key: KeyObject): boolean {
  try {
    if (algorithm === rsaPss) {
      const text = Buffer.from(parameters).toString('hex')
      const hash = pssHashes.find(({ der }) => text.includes(der))?.hash ?? 'sha1'
      const padding = constants.RSA_PKCS1_PSS_PADDING
      return verify(hash, signed, { key, padding, saltLength: constants.RSA_PSS_SALTLEN_AUTO }, signature)
    }
    const hash = hashes[algorithm]
    return hash === undefined ? false : verify(hash, signed, key, signature)
  } catch {
    return false
  }
}

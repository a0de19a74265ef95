import type { webcrypto } from 'node:crypto'
import { KeyObject, sign } from 'node:crypto'

/** What a responder says, and how it says it. */
export interface OcspWish {
  /** The state of the certificate that is asked for, by its serial number in lower-case hexadecimal. */
  readonly revokedAt: (serial: string) => number | undefined
  /** Answers for the certificate with the next number instead. */
  readonly aboutAnother: boolean
  /** Milliseconds since 1970. */
  readonly thisUpdate: number
  readonly nextUpdate: number
  /** An ECDSA key on P-256. */
  readonly key: webcrypto.CryptoKey
  /** SHA-1 of the bits of the responder's public key, which names it. */
  readonly keyHash: Uint8Array
}

const ecdsaWithSha256 = '1.2.840.10045.4.3.2'

/**
 * A responder's signed answer (RFC 6960 §4.2.1) to a request as it came.
 *
 * @returns undefined when the octets are no request
 */
export async function ocspAnswer(request: Uint8Array, wish: OcspWish): Promise<Uint8Array | undefined> {
  const ocsp = await import('@peculiar/asn1-ocsp')
  const { AsnConvert, OctetString } = await import('@peculiar/asn1-schema')
  const { AlgorithmIdentifier } = await import('@peculiar/asn1-x509')
  const { CertID, CertStatus, RevokedInfo, SingleResponse } = ocsp
  const asked = certificateAsked()
  if (asked === undefined) return undefined

  const number = Buffer.from(asked.serialNumber)
  const at = wish.revokedAt(number.toString('hex').replace(/^0+(?=.)/, ''))
  const other = Buffer.from(number)
  other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
  const certID = new CertID({ ...asked, serialNumber: Uint8Array.from(wish.aboutAnother ? other : number).buffer })
  const certStatus = new CertStatus(
    at === undefined ? { good: null } : { revoked: new RevokedInfo({ revocationTime: new Date(at) }) },
  )
  const tbsResponseData = new ocsp.ResponseData({
    responderID: new ocsp.ResponderID({ byKey: new OctetString(wish.keyHash) }),
    producedAt: new Date(wish.thisUpdate),
    responses: [
      new SingleResponse({
        certID,
        certStatus,
        thisUpdate: new Date(wish.thisUpdate),
        nextUpdate: new Date(wish.nextUpdate),
      }),
    ],
  })
  const signed = Buffer.from(AsnConvert.serialize(tbsResponseData))
  const signature = sign('sha256', signed, KeyObject.from(wish.key))
  const basic = new ocsp.BasicOCSPResponse({
    tbsResponseData,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    signature: Uint8Array.from(signature).buffer,
  })
  const answer = new ocsp.OCSPResponse({
    responseStatus: ocsp.OCSPResponseStatus.successful,
    responseBytes: new ocsp.ResponseBytes({
      responseType: ocsp.id_pkix_ocsp_basic,
      response: new OctetString(AsnConvert.serialize(basic)),
    }),
  })
  return new Uint8Array(AsnConvert.serialize(answer))

  function certificateAsked(): InstanceType<typeof CertID> | undefined {
    try {
      const { tbsRequest } = AsnConvert.parse(Uint8Array.from(request), ocsp.OCSPRequest)
      return tbsRequest.requestList[0]?.reqCert
    } catch {
      return undefined
    }
  }
}

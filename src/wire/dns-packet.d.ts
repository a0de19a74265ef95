/** The part of `dns-packet` 5.6 that is used here; the package brings no types of its own. */
declare module 'dns-packet' {
  interface QueryToEncode {
    type: 'query'
    id: number
    flags: number
    questions: { type: string; name: string }[]
    additionals: { type: 'OPT'; name: '.'; udpPayloadSize: number }[]
  }

  /** What the small network's resolver reads of a question and writes as an answer, and what tests read of one. */
  interface DecodedQuery {
    id: number
    type: 'query' | 'response'
    opcode: string
    rcode: string
    flag_rd: boolean
    flag_tc: boolean
    answers: (
      | { type: 'A'; data: string }
      | { type: 'SRV'; data: { target: string } }
      | {
          type: 'SOA'
          data: { serial: number; refresh: number; retry: number; expire: number; minimum: number }
        }
    )[]
    questions: { name: string; type: string; class: string }[]
    additionals: { type: string; udpPayloadSize?: number }[]
  }

  interface RecordToEncode {
    name: string
    type: string
    ttl: number
    data: unknown
  }

  interface ResponseToEncode {
    type: 'response'
    id: number
    flags: number
    questions: { type: string; name: string }[]
    answers: readonly RecordToEncode[]
    authorities: readonly RecordToEncode[]
    additionals: { type: 'OPT'; name: '.'; udpPayloadSize: number }[]
  }

  const dnsPacket: {
    readonly RECURSION_DESIRED: number
    encode(message: QueryToEncode | ResponseToEncode): Buffer
    /** Reads a whole message; throws on octets that it cannot read. */
    decode(octets: Buffer): DecodedQuery
  }
  export default dnsPacket
}

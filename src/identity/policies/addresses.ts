import { cidrContains, parseAddress, parseCidr } from '../../model/cidr.ts'
import { plainAddress } from '../../model/plainAddress.ts'
import type { Criterion } from './criterion.ts'
import { denied, held } from './criterion.ts'

const address = {
  ok: 'address',
  denied: 'address-not-allowed',
  says: 'this address is not one of those that may come in here',
  remedy: 'nothing',
} as const

export const addresses: Criterion<readonly string[]> = {
  what: 'a client whose address is in one of these prefixes',
  example: ['10.0.0.0/8', '2001:db8::/32'],
  reasons: [address],
  judge(prefixes, { address: text }) {
    const from = parseAddress(plainAddress(text) ?? '')
    const isIn = (prefix: string): boolean => {
      const parsed = parseCidr(prefix)
      return 'ok' in parsed && from !== undefined && cidrContains(parsed.ok, from)
    }
    return prefixes.some(isIn) ? held(address) : denied(address)
  },
}

export { publicRanges, rangesOfPrefix } from '../firewall/rangesOfPrefix.ts'

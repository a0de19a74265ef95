export { portTexts, protocolText, rangeText, rangeTexts } from '../firewall/rangeText.ts'

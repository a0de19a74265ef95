function FindProxyForURL(url, host) {
  if (dnsDomainIs(host, ".microsoftonline.com")) return "DIRECT";
  if (weekdayRange("MON", "FRI")) return "PROXY proxy.corp.example:3128";
  return "DIRECT";
}

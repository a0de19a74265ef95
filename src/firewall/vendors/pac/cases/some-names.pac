function FindProxyForURL(url, host) {
  if (host == "ns1.servicebus.windows.net") return "DIRECT";
  return "PROXY proxy.corp.example:3128";
}

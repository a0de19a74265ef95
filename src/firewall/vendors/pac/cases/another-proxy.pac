function FindProxyForURL(url, host) {
  return "PROXY old.corp.example:8080; DIRECT";
}

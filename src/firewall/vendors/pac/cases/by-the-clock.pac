function FindProxyForURL(url, host) {
  var now = new Date();
  return now.getHours() < 24 ? "DIRECT" : "PROXY proxy.corp.example:3128";
}

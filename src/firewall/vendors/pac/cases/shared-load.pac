var proxies = ["PROXY proxy1.corp.example:8080", "PROXY proxy2.corp.example:8080"];
function FindProxyForURL(url, host) {
  var own = myIpAddress();
  return proxies[parseInt(own.split(".")[3]) % 2] + "; DIRECT";
}

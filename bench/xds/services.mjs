// Prints the state of state/resources.go as a list of services for Envoyage's API.
const n = Number(process.argv[2]);
const services = Array.from({ length: n }, (_, i) => ({ id: `svc-${i}`, host: `svc-${i}.example.com`, endpoints: ['127.0.0.1:9001', '127.0.0.1:9002'] }));
process.stdout.write(JSON.stringify(services));

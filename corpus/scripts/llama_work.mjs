// Lets a language model write, or read a long text, without end (llama.cpp). Arguments: folder of node_modules, model,
// threads, write|read.
const [,, modules, modelPath, threads, task] = process.argv;
const {getLlama, LlamaLogLevel} = await import(modules + '/node-llama-cpp/dist/index.js');
const llama = await getLlama({gpu: false, build: 'never', maxThreads: Number(threads), logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath});
const context = await model.createContext({contextSize: 1024, batchSize: 512, threads: Number(threads)});
const sequence = context.getSequence();
const text = task === 'read' ? 'w1 w2 w3 w4 w5 '.repeat(150) : 'the room is quiet';
const most = task === 'read' ? 1 : 500;
const tokens = model.tokenize(text).slice(0, 900);
console.log('ready');
for (;;) {
  await sequence.clearHistory();
  let written = 0;
  for await (const _ of sequence.evaluate(tokens, {temperature: 1})) if (++written >= most) break;
}

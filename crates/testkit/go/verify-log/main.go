// Verify-log is a stranger's look at a log: it shares no code with what wrote the log, only the C2SP documents.
//
// It checks the checkpoint's signature, inclusion proofs built from the static tiles alone, consistency with an earlier
// checkpoint, cosignatures, and offline proofs, with golang.org/x/mod/sumdb (Debian: golang-golang-x-mod-dev). It prints
// one line a check and exits with 1 if any failed, 2 if it was called wrongly. It must not learn from overt's code.
package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
)

var failed bool

func report(what string, err error) {
	if err != nil {
		failed = true
		fmt.Printf("FAILED %s: %v\n", what, err)
		return
	}
	fmt.Printf("ok %s\n", what)
}

func main() {
	every := flag.Int64("every", 1000, "check each leaf whose number is a multiple of this, and the last")
	earlier := flag.String("earlier", "", "file with an earlier checkpoint that the log must be consistent with")
	witness := flag.String("witness", "", "verifier key (type 0x04) of a witness that must have cosigned")
	flag.Usage = func() {
		fmt.Fprintln(os.Stderr, "usage: verify-log [-every N] [-earlier FILE] [-witness KEY] FOLDER KEY [PROOF.tlog-proof]...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() < 2 || *every < 1 {
		flag.Usage()
		os.Exit(2)
	}
	log, err := openLog(flag.Arg(0), flag.Arg(1), *witness)
	report("checkpoint", err)
	if err == nil {
		log.checkLeaves(*every)
		if *earlier != "" {
			report("consistency with "+filepath.Base(*earlier), log.checkEarlier(*earlier))
		}
		for _, file := range flag.Args()[2:] {
			report("proof "+filepath.Base(file), log.checkProof(file))
		}
	}
	if failed {
		os.Exit(1)
	}
}

// A log in a folder, with its checkpoint verified.
type log struct {
	folder string
	log    note.Verifier
	needed []note.Verifier
	tree   tlog.Tree
	hashes tlog.HashReader
}

func openLog(folder, key, witness string) (*log, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, err
	}
	l := &log{folder: folder, log: verifier}
	if witness != "" {
		cosigner, err := newCosigner(witness)
		if err != nil {
			return nil, err
		}
		l.needed = append(l.needed, cosigner)
	}
	text, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return nil, err
	}
	if l.tree, err = l.open(text); err != nil {
		return nil, err
	}
	l.hashes = tlog.TileHashReader(l.tree, tiles{folder})
	return l, nil
}

// open verifies the signature of the log and of each needed witness, and reads the tree head.
func (l *log) open(text []byte) (tlog.Tree, error) {
	n, err := note.Open(text, note.VerifierList(append([]note.Verifier{l.log}, l.needed...)...))
	if err != nil {
		return tlog.Tree{}, err
	}
	signed := map[string]bool{}
	for _, sig := range n.Sigs {
		signed[fmt.Sprint(sig.Name, sig.Hash)] = true
	}
	for _, key := range append([]note.Verifier{l.log}, l.needed...) {
		if !signed[fmt.Sprint(key.Name(), key.KeyHash())] {
			return tlog.Tree{}, fmt.Errorf("%s did not sign", key.Name())
		}
	}
	return readHead(n.Text, l.log.Name())
}

func readHead(text, origin string) (tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return tlog.Tree{}, fmt.Errorf("not a checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("bad size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// checkLeaves proves every n-th leaf and the last: its entry, hashed here, is in the tree.
func (l *log) checkLeaves(every int64) {
	for index := int64(0); index < l.tree.N; index += every {
		report(fmt.Sprintf("inclusion of %d in %d", index, l.tree.N), l.checkLeaf(index))
	}
	if last := l.tree.N - 1; last >= 0 && last%every != 0 {
		report(fmt.Sprintf("inclusion of %d in %d", last, l.tree.N), l.checkLeaf(last))
	}
}

func (l *log) checkLeaf(index int64) error {
	leaf, err := l.leaf(index)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveRecord(l.tree.N, index, l.hashes)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, l.tree.N, l.tree.Hash, index, leaf)
}

// leaf reads an entry from its bundle and hashes it.
func (l *log) leaf(index int64) (tlog.Hash, error) {
	tile := tlog.Tile{H: tileHeight, L: 0, N: index / tileWidth, W: tileWidth}
	if rest := l.tree.N - tile.N*tileWidth; rest < tileWidth {
		tile.W = int(rest)
	}
	name := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(filepath.Join(l.folder, name))
	if err != nil {
		return tlog.Hash{}, err
	}
	for skip := index % tileWidth; ; skip-- {
		if len(bundle) < 2 || len(bundle)-2 < int(binary.BigEndian.Uint16(bundle)) {
			return tlog.Hash{}, fmt.Errorf("%s is cut", name)
		}
		length := int(binary.BigEndian.Uint16(bundle))
		if skip == 0 {
			return tlog.RecordHash(bundle[2 : 2+length]), nil
		}
		bundle = bundle[2+length:]
	}
}

// checkEarlier proves that the log holds all that an earlier checkpoint of it held.
func (l *log) checkEarlier(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	alone := &log{log: l.log}
	earlier, err := alone.open(text)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(l.tree.N, earlier.N, l.hashes)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, l.tree.N, l.tree.Hash, earlier.N, earlier.Hash)
}

// checkProof verifies a .tlog-proof file by itself; only the entry is taken from the log.
func (l *log) checkProof(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	top, checkpoint, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(top, "\n")
	if !found || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a tlog-proof@v1")
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.Strict().DecodeString(lines[0][len("extra "):]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := l.open([]byte(checkpoint))
	if err != nil {
		return err
	}
	if index < 0 || index >= tree.N || index >= l.tree.N {
		return fmt.Errorf("no leaf %d", index)
	}
	leaf, err := l.leaf(index)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaf)
}

// Tiles in a folder, under the names of c2sp.org/tlog-tiles: those of Go without the height.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		bytes, err := os.ReadFile(filepath.Join(t.folder, name))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

// A cosigner verifies c2sp.org/tlog-cosignature of type 0x04.
type cosigner struct {
	name string
	id   uint32
	key  ed25519.PublicKey
}

func newCosigner(text string) (*cosigner, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed witness key")
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 0x04 {
		return nil, errors.New("not a witness key of type 0x04")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	id := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", id) != parts[1] {
		return nil, errors.New("the key ID of the witness is another")
	}
	return &cosigner{parts[0], id, ed25519.PublicKey(key[1:])}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.id }

func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(c.key, []byte(fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)), sig[8:])
}

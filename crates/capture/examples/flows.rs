//! Prints the conversations of capture files: `cargo run -p capture --example flows -- FILE…`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for path in std::env::args().skip(1) {
        let file = std::fs::File::open(&path)?;
        let capture = capture::read(file, capture::Limits::default())?;
        println!(
            "{path}: {} packets, {} conversations{}",
            capture.packets,
            capture.flows.len(),
            if capture.truncated { ", truncated" } else { "" }
        );
        for skipped in &capture.skipped {
            println!("  skipped {}: {}", skipped.count, skipped.reason);
        }
        for flow in &capture.flows {
            println!("  {}", line(flow));
        }
    }
    Ok(())
}

fn line(flow: &capture::Flow) -> String {
    let ends = format!("{:?} {} -> {}", flow.transport, flow.client, flow.server);
    let bytes = format!("{} packets {}/{} bytes", flow.packets, flow.bytes_to_server, flow.bytes_to_client);
    match &flow.recognised {
        None => format!("{ends}: not recognised, {bytes}"),
        Some(seen) => format!(
            "{ends}: {} ({}) chain={} algorithm={} submitted={} host={:?} agent={:?} methods={:?} packet={:?}, {bytes}",
            seen.protocol.name(),
            seen.dialect,
            seen.chain.as_deref().unwrap_or("-"),
            seen.algorithm.as_deref().unwrap_or("-"),
            seen.submitted,
            seen.host,
            seen.agent,
            seen.methods,
            flow.decided_packet,
        ),
    }
}

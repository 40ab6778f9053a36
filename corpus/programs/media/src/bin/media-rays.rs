//! Traces rays through a scene of spheres with shadows and mirrors. `--size` gives the width (320 unless told).

type V = [f32; 3];

fn dot(a: V, b: V) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn along(a: V, t: f32, b: V) -> V {
    [a[0] + t * b[0], a[1] + t * b[1], a[2] + t * b[2]]
}

fn unit(a: V) -> V {
    along([0.0; 3], 1.0 / dot(a, a).sqrt(), a)
}

fn hit(from: V, way: V, balls: &[(V, f32, V)]) -> Option<(f32, usize)> {
    let mut nearest = None;
    for (i, (middle, radius, _)) in balls.iter().enumerate() {
        let to = along(*middle, -1.0, from);
        let (b, c) = (dot(to, way), dot(to, to) - radius * radius);
        let root = b * b - c;
        if root > 0.0 {
            let t = b - root.sqrt();
            if t > 1e-3 && nearest.is_none_or(|(n, _)| t < n) {
                nearest = Some((t, i));
            }
        }
    }
    nearest
}

fn colour(from: V, way: V, balls: &[(V, f32, V)], bounces: u32) -> V {
    let Some((t, i)) = hit(from, way, balls) else { return [0.5, 0.7, 0.9] };
    let place = along(from, t, way);
    let normal = unit(along(place, -1.0, balls[i].0));
    let sun = unit([0.5, 0.8, -0.3]);
    let light = if hit(place, sun, balls).is_some() { 0.1 } else { 0.1 + 0.8 * dot(normal, sun).max(0.0) };
    let own = along([0.0; 3], light, balls[i].2);
    if bounces == 0 {
        return own;
    }
    let mirror = along(way, -2.0 * dot(way, normal), normal);
    along(own, 0.3, colour(place, mirror, balls, bounces - 1))
}

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(320);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64 + 5);
        let mut any = || random.unit() as f32 * 2.0 - 1.0;
        let balls: Vec<(V, f32, V)> = (0..40)
            .map(|_| ([any() * 4.0, any() * 3.0, any() + 6.0], 0.4, [any().abs(), any().abs(), 0.5]))
            .collect();
        let mut picture = vec![[0.0; 3]; width * width * 9 / 16];
        while shift.goes_on() {
            for (i, pixel) in picture.iter_mut().enumerate() {
                let (x, y) =
                    ((i % width) as f32 / width as f32 - 0.5, (i / width) as f32 / width as f32 - 0.28);
                *pixel = colour([0.0; 3], unit([x * 1.6, -y * 1.6, 1.0]), &balls, 3);
            }
            std::hint::black_box(&picture);
        }
    });
}
